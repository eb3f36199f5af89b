-- Ingests of several brokers write into one database and share nothing with each other: whose a
-- generation is, as the beginning of its members' client ids. What was there before says nothing.
ALTER TABLE ingest_generation ADD COLUMN base text;
