"""What happens by itself: rules are applied, plans open tickets, mails leave."""

from gebaeude.worker.service import run

__all__ = ["run"]
