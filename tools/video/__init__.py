"""Pictures and time in, film out: the camera, clips, segments and subtitles."""
