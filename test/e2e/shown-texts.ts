import type { Page } from 'playwright';

/** Everything of a page that could give a secret away without being shown: attributes, texts, address and web storage. */
export async function shownTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found = [location.href, document.title, ...Object.values({ ...localStorage, ...sessionStorage })];
    const visit = (parent: Document | ShadowRoot): void => {
      for (const element of parent.querySelectorAll('*')) {
        for (const { value } of element.attributes) found.push(value);
        for (const node of element.childNodes)
          if (node.nodeType !== Node.ELEMENT_NODE) found.push(node.nodeValue ?? '');
        if (element.shadowRoot) visit(element.shadowRoot);
      }
    };
    visit(document);
    return found;
  });
}
