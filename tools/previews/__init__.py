"""Pictures for somebody who looks: pages with numbers, takes side by side, small and quick to send."""
