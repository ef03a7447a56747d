import type { Locator } from 'playwright';

/**
 * What is wrong with an element and all that is in it for whoever does not see it, or not well: controls without a name, references
 * to nothing, ids that are not unique, fields whose error is not tied to them, texts with less contrast than 4.5 to 1 (WCAG 2.2,
 * 1.3.1, 1.4.3, 4.1.2). Each fault is a sentence.
 */
export async function accessibilityFaults(element: Locator): Promise<readonly string[]> {
  return element.evaluate((host) => {
    const faults: string[] = [];
    const channels = (color: string): readonly number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (color: readonly number[]): number => {
      const [red = 0, green = 0, blue = 0] = color.slice(0, 3).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const parentOf = (node: Element): Element | null =>
      node.assignedSlot ?? node.parentElement ?? ((node.getRootNode() as ShadowRoot).host || null);
    const backgroundOf = (node: Element | null): readonly number[] => {
      for (let at = node; at !== null; at = parentOf(at)) {
        const color = channels(getComputedStyle(at).backgroundColor);
        if (color.length === 3 || color[3] === 1) return color;
      }
      return [255, 255, 255];
    };
    const isVisible = (node: Element): boolean =>
      node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    const checkContrast = (node: Element): void => {
      const hasText = [...node.childNodes].some(
        (child) => child.nodeType === Node.TEXT_NODE && child.nodeValue?.trim(),
      );
      if (!hasText || !isVisible(node) || node.matches(':disabled, .spoken')) return;
      const [one, other] = [luminance(channels(getComputedStyle(node).color)), luminance(backgroundOf(node))];
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      if (contrast < 4.5)
        faults.push(`“${node.textContent?.trim().slice(0, 30)}” has a contrast of ${contrast.toFixed(2)}`);
    };
    const checkControl = (node: Element, root: ShadowRoot): void => {
      if (!node.matches('button, input:not([hidden]), select, progress, output, dialog, [role="timer"]')) return;
      const labels = 'labels' in node ? [...((node.labels as NodeListOf<HTMLElement>) ?? [])] : [];
      const labelled =
        node
          .getAttribute('aria-labelledby')
          ?.split(' ')
          .map((id) => root.getElementById(id)) ?? [];
      const names = [
        node.getAttribute('aria-label'),
        node.textContent,
        ...[...labels, ...labelled].map((label) => label?.textContent),
      ];
      if (!names.some((name) => name?.trim())) faults.push(`<${node.localName}> has no name`);
      if (node.matches('[aria-invalid]') && !node.hasAttribute('aria-describedby')) faults.push('a field has no error');
    };
    const visit = (root: ShadowRoot): void => {
      const ids = [...root.querySelectorAll('[id]')].map(({ id }) => id);
      for (const id of ids.filter((one, i) => ids.indexOf(one) !== i)) faults.push(`the id ${id} is not unique`);
      for (const node of root.querySelectorAll('*')) {
        for (const name of ['aria-describedby', 'aria-labelledby', 'for']) {
          for (const id of node.getAttribute(name)?.split(' ') ?? []) {
            if (!ids.includes(id)) faults.push(`${name} of <${node.localName}> leads to no ${id}`);
          }
        }
        checkControl(node, root);
        checkContrast(node);
        if (node.shadowRoot) visit(node.shadowRoot);
      }
    };
    if (host.shadowRoot) visit(host.shadowRoot);
    return faults;
  });
}
