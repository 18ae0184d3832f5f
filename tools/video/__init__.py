"""Make video: the path of the camera, segments, joined films, retiming and subtitles."""
