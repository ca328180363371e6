"""What auth decides, without any store or network: the words of the directory and the rules R3, R9 and R10."""
