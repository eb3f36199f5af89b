-- Sessions that began somewhere unknown, of which the owner of the account was told by mail: so that
-- many of them do not become as many mails.
ALTER TABLE session ADD COLUMN told boolean NOT NULL DEFAULT false;
