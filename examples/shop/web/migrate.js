// Brings the database up to date. Runs before a release gets traffic; running it twice changes nothing.
import pg from 'pg';

const migrations = [
  `CREATE TABLE product (
     id serial PRIMARY KEY,
     name text NOT NULL UNIQUE,
     cents integer NOT NULL CHECK (cents > 0))`,
  `CREATE TABLE orders (
     id bigserial PRIMARY KEY,
     session text NOT NULL,
     product_id integer NOT NULL REFERENCES product,
     quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 99),
     status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'packed')),
     placed_at timestamptz NOT NULL DEFAULT now(),
     packed_at timestamptz)`,
  `CREATE INDEX orders_of_session ON orders (session, id DESC)`,
  `INSERT INTO product (name, cents) VALUES ('Mooring line, 10 m', 1890), ('Brass lantern', 4200), ('Ship''s biscuit', 350), ('Oilskin', 7900)`,
];

const client = new pg.Client();
await client.connect();
try {
  await client.query('BEGIN');
  // Two releases that migrate at once do it one after the other.
  await client.query('SELECT pg_advisory_xact_lock(20)');
  await client.query('CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())');
  const { rows: [{ done }] } = await client.query('SELECT count(*)::int AS done FROM migration');
  for (let number = done; number < migrations.length; number++) {
    await client.query(migrations[number]);
    await client.query('INSERT INTO migration (number) VALUES ($1)', [number]);
  }
  await client.query('COMMIT');
  console.log(`database is at migration ${migrations.length}, ${migrations.length - done} new`);
} finally {
  await client.end();
}
