-- Purpose: the products of a batch by merchant and SKU, with their category and the categories above it.
-- Parameters: parallel arrays: merchant, sku.
-- Locks: none.
-- Index: catalog_product_sku_once; catalog_category primary key.
SELECT i.merchant_id, i.sku, p.id, p.price_minor,
       CASE WHEN p.category_id IS NULL THEN '{}'::uuid[] ELSE ARRAY (
           WITH RECURSIVE up AS (
               SELECT c.id, c.parent_id, 1 AS depth FROM catalog_category c WHERE c.id = p.category_id
               UNION ALL
               SELECT c.id, c.parent_id, u.depth + 1 FROM up u JOIN catalog_category c ON c.id = u.parent_id
               WHERE u.depth < 10
           ) SELECT u.id FROM up u) END
FROM unnest(%s::uuid[], %s::text[]) AS i (merchant_id, sku)
CROSS JOIN LATERAL (
    SELECT * FROM catalog_product k WHERE k.merchant_id = i.merchant_id AND k.sku = i.sku OFFSET 0) p
