from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0006_judgements"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="publication",
            name="publication_kind_known",
        ),
        migrations.AddField(
            model_name="publication",
            name="because",
            field=models.CharField(
                blank=True,
                help_text="What readers are told of a correction, after the word “because”.",
                max_length=200,
                verbose_name="because",
            ),
        ),
        migrations.AlterField(
            model_name="publication",
            name="kind",
            field=models.CharField(
                choices=[
                    ("published", "Published"),
                    ("scheduled", "Scheduled"),
                    ("withdrawn", "Withdrawn"),
                    ("rolled_back", "Rolled back"),
                    ("corrected", "Corrected at once"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["published", "scheduled", "withdrawn", "rolled_back", "corrected"],
                    )
                ),
                name="publication_kind_known",
            ),
        ),
    ]
