"""Files of purchases: `columns` finds what is where, `reading` decodes, `fields` reads cells, `receipts` makes receipts.

Nothing here touches the database; `orders.actions.imports` records what comes out, through the handler of every door.
"""
