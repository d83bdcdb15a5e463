from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="learns_from_choices",
            field=models.BooleanField(
                default=False,
                help_text="Off unless the person switches it on. Only their own stickers are looked at.",
                verbose_name="suggest what I chose before",
            ),
        ),
    ]
