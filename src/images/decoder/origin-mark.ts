import { crc32 } from "node:zlib";

/** IPTC's word for an image that a trained model made; the mark that law and platforms look for. */
const digitalSourceType = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

/** An XMP packet that says that a model made the image: what is encoded anew has lost the mark of its origin. */
export const originMark = [
  '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>',
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
  '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
  ` Iptc4xmpExt:DigitalSourceType="${digitalSourceType}"/>`,
  '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>',
].join("");

const pngHeaderBytes = 33; // signature and IHDR
const xmpKeyword = "XML:com.adobe.xmp\0\0\0\0\0"; // not compressed, in no language

/** The PNG with the mark, in the chunk where the XMP specification has it: the encoder puts it into another. */
export function markedPng(png: Buffer): Buffer {
  const body = Buffer.concat([
    Buffer.from("iTXt", "latin1"),
    Buffer.from(xmpKeyword, "latin1"),
    Buffer.from(originMark),
  ]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([png.subarray(0, pngHeaderBytes), length, body, check, png.subarray(pngHeaderBytes)]);
}
