"""Pictures of what verbs answer: values in, self-contained graphics as text out."""
