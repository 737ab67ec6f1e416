"""Words of the field that speech recognition is to know.

    phrases       the phrases: our own lists (`assistant.txt`, `bank.txt`, `food.txt`) and a deployer's file
    ordinary      words of everyday English (`ordinary.txt`), which are what was said until more speaks against it
    sounds        how much two stretches of letters sound alike
    corrector     phrases that were misheard on this machine, put right
    table         the phrases as the file of a custom vocabulary of Amazon Transcribe
    account       making that vocabulary in an AWS account; `python -m relay.vocabulary` is its command
    build         makes `food.txt`, `food_names.txt` and `ordinary.txt`

Transcribe is given the vocabulary and listens for it. The model on this machine takes none, so what it heard is
compared with the phrases afterwards.
"""
