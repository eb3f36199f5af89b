"""How hypothesis looks for trouble here."""

from hypothesis import HealthCheck, settings

# A machine that does other things as well is slow now and then; that is no failure.
settings.register_profile("ingest", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ingest")
