import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("locations", "0005_facts_and_closed_today")]

    operations = [
        migrations.AddField(
            model_name=name,
            name="changed_at",
            field=models.DateTimeField(
                auto_now=True, default=django.utils.timezone.now, verbose_name="last changed"
            ),
            preserve_default=False,
        )
        for name in ("location", "service")
    ]
