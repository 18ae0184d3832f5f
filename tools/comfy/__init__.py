"""Run workflows of a ComfyUI server, which the user starts beside Komadori: its nodes, its weights, its licences."""
