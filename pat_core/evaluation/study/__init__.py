"""What a study of these people can show: how many are needed, how much is optimism, what other variables would do as well."""
