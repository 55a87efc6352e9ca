import type { Context } from "../../context.ts";
import type { VisitUseCases } from "../../contract/usecases.ts";
import { galleryImage, galleryOf, removeFromGallery } from "./gallery.ts";
import { visitImage } from "./image.ts";
import { offerVisit } from "./offer.ts";
import { findOwnVisit, lookAtLink, openLink } from "./session.ts";

export function createVisits(context: Context): VisitUseCases {
  return {
    areOffered: context.visitLinks !== undefined,
    offer: (page, caller) => offerVisit(context, page, caller),
    look: (token) => lookAtLink(context, token),
    open: (token, session) => openLink(context, token, session),
    find: (id, session) => findOwnVisit(context, id, session),
    image: (visit) => visitImage(context, visit),
    gallery: (visit, query) => galleryOf(context, visit, query),
    galleryImage: (visit, of) => galleryImage(context, visit, of),
    remove: (visit, job) => removeFromGallery(context, visit, job),
  };
}
