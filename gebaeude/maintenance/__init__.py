"""Pure rules of maintenance: when a finding opens, when a plan is due, who gets the ticket, what it says."""
