"""``doctor``: are the connections right, and which settings fit the account?"""
