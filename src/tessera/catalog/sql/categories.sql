-- Purpose: products by id with their category and the categories above it.
-- Parameters: product ids.
-- Locks: none.
-- Index: catalog_product and catalog_category primary keys.
SELECT p.id, p.sku, CASE WHEN p.category_id IS NULL THEN '{}'::uuid[] ELSE ARRAY (
           WITH RECURSIVE up AS (
               SELECT c.id, c.parent_id, 1 AS depth FROM catalog_category c WHERE c.id = p.category_id
               UNION ALL
               SELECT c.id, c.parent_id, u.depth + 1 FROM up u JOIN catalog_category c ON c.id = u.parent_id
               WHERE u.depth < 10
           ) SELECT u.id FROM up u) END
FROM catalog_product p WHERE p.id = ANY (%s::uuid[])
