"""MQTT: devices and state. The broker is a cache, the journal is the truth."""
