/** The part of saxen that is used here; the package brings no types. */
declare module "saxen" {
  export class Parser {
    on(event: "openTag", hear: (name: string, attributes: () => Record<string, string> | false) => void): this;
    on(event: "closeTag", hear: (name: string) => void): this;
    on(event: "text" | "cdata" | "comment" | "question" | "attention", hear: (text: string) => void): this;
    write(xml: string): this;
    end(): Error | null;
  }
}
