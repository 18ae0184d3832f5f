"""What a user types in, values out: options, help, and the settings that they mean."""
