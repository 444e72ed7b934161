/** As far as it is used here; the package says nothing of its types. */
declare module "gifenc" {
  type Palette = [red: number, green: number, blue: number][];
  type Frame = {
    palette?: Palette;
    /** Milliseconds. */
    delay?: number;
    transparent?: boolean;
    transparentIndex?: number;
    dispose?: number;
  };
  export function GIFEncoder(): {
    writeFrame: (...frame: [indexes: Uint8Array, width: number, height: number, options: Frame]) => void;
    finish: () => void;
    bytes: () => Uint8Array;
  };
  export function quantize(rgba: Uint8Array, maxColors: number): Palette;
}
