import { expect, test } from '../fixtures.js';
import { MailServer } from '../mail-server.js';
import { ADA, CONFIRMED, buy, expectSameDocument, heading, markDocument, step } from '../shopper.js';

const DELAYED = 'Your order is safe, but this is taking longer than usual';
const NOT_DELIVERED = 'Your receipt did not reach you';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('the payment service refuses our key: the page says that nothing was charged and goes on by itself once it is mended', async ({
      page,
      shop,
      visit,
    }) => {
      await shop.fault('payment', { mode: 'refuses' });
      await visit('/');
      const sent = await buy(page, 'Dotted notebook');
      await markDocument(page);
      await expect(heading(page)).toHaveText(DELAYED);
      const words = page.locator('.slip-state');
      await expect(words).toContainText('Our connection to the payment service needs mending on our side.');
      await expect(words).toContainText('your order goes on by itself as soon as it is mended.');
      await expect(words).toContainText('Nothing was charged.');
      await expect(step(page, 'Checking your payment')).not.toContainText('next');

      await shop.heal();
      await expect(heading(page)).toHaveText(CONFIRMED);
      if (javaScriptEnabled) await expectSameDocument(page);
      expect(await shop.payments(sent.id)).toMatchObject([{ status: 'succeeded', amount_captured: 1_390 }]);
    });

    test('a receipt that no mail server takes is sent to the address that is given on the page of the order', async ({
      page,
      shop,
      stranger,
      visit,
    }) => {
      const mail = await MailServer.start();
      try {
        mail.refuse(ADA.email);
        await shop.kill();
        await shop.restart({ DOCKET_SMTP_URL: mail.url, DOCKET_MAIL_FROM: 'shop@example.org' });
        await visit('/');
        await buy(page, 'Brass ruler');
        await expect(heading(page)).toHaveText(CONFIRMED);
        const notice = page.getByRole('region', { name: NOT_DELIVERED });
        await expect(async () => {
          // A page of a confirmed order does not load itself again.
          if (!javaScriptEnabled) await page.reload();
          await expect(notice).toContainText(`No mail server takes mail for ${ADA.email}.`, { timeout: 500 });
        }).toPass();
        await expect(step(page, 'Sending your receipt')).toContainText('Could not be delivered');
        const link = (await page.locator('.pass-on code').textContent()) ?? '';
        await stranger.goto(link);
        await expect(stranger.getByRole('heading', { name: NOT_DELIVERED })).toBeVisible();
        await expect(stranger.getByText(ADA.email), 'others do not read the address').toHaveCount(0);
        await expect(stranger.getByRole('button', { name: 'Send it to this address' })).toHaveCount(0);

        await markDocument(page);
        const form = page.getByRole('form', { name: NOT_DELIVERED });
        await expect(form.getByLabel('E-mail'), 'a letter is mended more quickly than an address').toHaveValue(ADA.email);
        await form.getByLabel('E-mail').fill('lovelace@example.org');
        await form.getByRole('button', { name: 'Send it to this address' }).click();
        await expect(notice).toHaveCount(0);
        await expect(page.locator('.facts')).toContainText('lovelace@example.org');
        await expect(async () => {
          if (!javaScriptEnabled) await page.reload();
          await expect(step(page, 'Sending your receipt')).toHaveAttribute('data-state', 'succeeded', { timeout: 500 });
        }).toPass();
        if (javaScriptEnabled) await expectSameDocument(page);
        expect(mail.taken).toHaveLength(1);
        expect(mail.taken[0]).toContain('<lovelace@example.org>');
      } finally {
        await mail.stop();
      }
    });
  });
}
