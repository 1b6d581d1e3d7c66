from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consults", "0010_what_is_counted"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="outbox",
            name="outbox_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="outbox",
            name="outbox_about_a_request_or_a_clinic",
        ),
        migrations.AlterField(
            model_name="outbox",
            name="kind",
            field=models.CharField(
                choices=[
                    ("staff_notice", "Notice to staff"),
                    ("confirmation", "Confirmation to the person"),
                    ("tried", "We tried to reach you"),
                    ("visit", "Your visit"),
                    ("closing", "We have closed your request"),
                    ("overdue", "Overdue and unclaimed, to leads"),
                    ("digest", "Digest of the day"),
                    ("held", "Count of what is held, once a day"),
                    ("surge", "More came than anyone could read"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="outbox",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "staff_notice",
                            "confirmation",
                            "tried",
                            "visit",
                            "closing",
                            "overdue",
                            "digest",
                            "held",
                            "surge",
                        ],
                    )
                ),
                name="outbox_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="outbox",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ["digest", "held", "surge"]),
                        ("day__isnull", False),
                        ("location__isnull", False),
                        ("request", None),
                    ),
                    models.Q(
                        models.Q(("kind__in", ["digest", "held", "surge"]), _negated=True),
                        ("day", None),
                        ("location", None),
                        ("request__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="outbox_about_a_request_or_a_clinic",
            ),
        ),
    ]
