from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consults", "0005_tallies")]

    operations = [
        migrations.CreateModel(
            name="Stop",
            fields=[
                ("digest", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "stop",
                "verbose_name_plural": "stops",
                "default_permissions": (),
            },
        ),
    ]
