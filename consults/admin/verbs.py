"""The forms that the request page may carry, by the verb that they post."""

from consults.admin import care, closing, forms, outreach

FORMS: dict[str, type[forms.DeskForm]] = {
    form.verb: form
    for form in (
        forms.ClaimForm,
        forms.ReleaseForm,
        outreach.ContactForm,
        outreach.BookForm,
        outreach.WaitForm,
        closing.AttendedForm,
        closing.NoShowForm,
        closing.CloseForm,
        forms.TransferForm,
        closing.DuplicateForm,
        closing.UnmarkDuplicateForm,
        closing.ReopenForm,
        forms.ReleaseFromQuarantineForm,
        care.CorrectForm,
        care.MailForm,
        care.KeepOpenForm,
        care.HoldForm,
        care.UnholdForm,
        forms.NoteForm,
    )
}
