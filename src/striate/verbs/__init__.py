"""What one can do: one file, one public function each. Verbs take and return values; they never print or parse."""
