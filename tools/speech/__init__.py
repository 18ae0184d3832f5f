"""What speech needs before and after a model: pronunciations, and waveforms at the rate of the film."""
