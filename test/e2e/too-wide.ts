import type { Page } from 'playwright';

/** Elements that reach beyond the window to the right. */
export function tooWide(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const visit = (parent: Document | ShadowRoot): void => {
      for (const element of parent.querySelectorAll('*')) {
        const { right, width } = element.getBoundingClientRect();
        if (width > 0 && right > innerWidth + 0.5) found.push(`${element.localName}.${element.className} ${right}`);
        if (element.shadowRoot) visit(element.shadowRoot);
      }
    };
    visit(document);
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');
    return found;
  });
}
