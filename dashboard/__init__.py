"""The dashboard: pages that each answer one question of people who look after buildings."""
