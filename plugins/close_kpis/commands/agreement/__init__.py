"""``agreement``: a month's customers and wins against what Close itself reports."""
