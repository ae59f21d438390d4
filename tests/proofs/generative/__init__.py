"""How well a drawing learned to generate: figures of samples against their data, one check per project."""
