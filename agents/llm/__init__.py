"""Talk to a language model over an OpenAI-compatible API: requests, typed answers, budget and retries."""
