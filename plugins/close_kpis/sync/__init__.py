"""From Close to ``raw.*``: the first load, the daily changes, one month again."""
