"""The queue server of motcua: one office, its journal, its doors."""
