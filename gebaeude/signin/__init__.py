"""Sign-in: the gate in front of every page and resource, and the pages for signing in.

site.py      what all of it shares: pool, settings, templates, cookies
gate.py      who asks? nobody gets further without a session or a token
visit.py     one request to one of our pages, and how it is answered
entry.py     signing in and out; code.py the second step; password.py forgotten passwords and
             links; guest.py guests
account.py   one's own account; second.py its second factor; people.py the accounts of others
oidc.py      signing in at the municipality's identity provider; provider.py what is asked of it,
             idtoken.py whether its answer proves anything
demo.py      one click on an example role, in `gebaeude demo` alone
"""
