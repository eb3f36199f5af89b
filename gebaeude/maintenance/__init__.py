"""Pure rules of maintenance: when a finding opens or a plan is due, who gets it, what it says."""
