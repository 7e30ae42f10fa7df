-- What the request cost by the price of what answered it, in billionths of the office's currency; null without a price.
ALTER TABLE requests ADD COLUMN cost_nanos INTEGER;
