"""A person's bank over the Up API (https://developer.up.com.au): balances, transactions, categories, tags.

`client` asks the bank, over the connections and with the retries of `pool`; `models` is what it says. `spending` and
`search` work on transactions, `periods`, `merchants`, `category_words` and `amounts` on spoken words; none of them does
I/O. `webhooks` checks what the bank sends by itself. The API reads, categorises and tags: it moves no money.
"""
