"""From ``raw.*`` to ``kpi.*``: the registry of KPIs, the models, the checks, the release."""
