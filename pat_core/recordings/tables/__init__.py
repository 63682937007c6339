"""Tables that no device names: text, Excel, Parquet, NumPy; what their columns, numbers and people are."""
