"""Primitives (what one tile of rows contributes) and engines (where the tiles live)."""
