"""Tables whose columns no reader knows: what each column means, guessed from names and content, said by the reader, read by it."""
