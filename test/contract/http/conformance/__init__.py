"""The HTTP contract as data (`cases/`, `shapes.yaml`), and what asks any server whether it keeps it."""
