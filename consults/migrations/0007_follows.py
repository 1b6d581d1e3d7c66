import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consults", "0006_stops")]

    operations = [
        migrations.AddField(
            model_name="consultrequest",
            name="follows",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="consults.consultrequest",
            ),
        ),
    ]
