"""The alarms: what fails is told to Slack or by mail, once, and once more when it is well again.

``causes`` reads from Airflow's context what has failed and says it in words; ``record`` keeps in the lake what lasts
and who was told; ``outbox`` sends, ``form`` gives a message its looks, ``notifier`` is what the DAGs call and
``deadline`` says when a sync is late.
"""
