import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0005_pictures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Judgement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.CharField(editable=False, max_length=24)),
                ("rule", models.CharField(max_length=40, verbose_name="rule")),
                ("level", models.CharField(max_length=5, verbose_name="level")),
                ("sentence", models.TextField(verbose_name="sentence")),
                (
                    "kind",
                    models.CharField(
                        choices=[("read", "Read"), ("overridden", "Overridden")],
                        max_length=10,
                        verbose_name="what was said",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="judgements",
                        to="articles.article",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "judged finding",
                "verbose_name_plural": "judged findings",
                "ordering": ["-pk"],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("article", "fingerprint"), name="judgement_once_for_each_sentence"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "read"),
                            models.Q(
                                GreaterThanOrEqual(Length("reason"), 20), ("kind", "overridden")
                            ),
                            _connector="OR",
                        ),
                        name="judgement_override_has_a_reason",
                    ),
                ],
            },
        ),
    ]
