from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0007_corrections"),
    ]

    operations = [
        migrations.AlterField(
            model_name="treatment",
            name="verified_by",
            field=models.CharField(
                blank=True,
                help_text="Who held the record against its sources: Ann Example, MD.",
                max_length=120,
                verbose_name="verified by",
            ),
        ),
        migrations.AlterField(
            model_name="treatment",
            name="verify_again_by",
            field=models.DateField(
                blank=True,
                help_text="Six months after it was verified. Then nothing new may name it.",
                null=True,
                verbose_name="verify again by",
            ),
        ),
    ]
