"""The forms that the request page may carry, by the verb that they post."""

from consults.admin import care, forms

FORMS: dict[str, type[forms.DeskForm]] = {
    form.verb: form
    for form in (
        forms.ClaimForm,
        forms.ReleaseForm,
        forms.ContactForm,
        forms.BookForm,
        forms.WaitForm,
        forms.AttendedForm,
        forms.NoShowForm,
        forms.CloseForm,
        forms.TransferForm,
        forms.DuplicateForm,
        care.UnmarkDuplicateForm,
        forms.ReopenForm,
        forms.ReleaseFromQuarantineForm,
        care.CorrectForm,
        care.MailForm,
        care.KeepOpenForm,
        care.HoldForm,
        care.UnholdForm,
        forms.NoteForm,
    )
}
